import FoundationEssentials
import Glibc
import SpillwayCore
import SpillwayProviders

/// Fetches the price list of a region and keeps what is used of it.
struct PriceUpdate: Sendable {
    struct Done: Encodable {
        var region: String
        var types: Int
        var date: String
        var file: String
    }

    let invocation: Invocation
    let store: PriceStore
    /// In the place of AWS's own files.
    let from: [String]

    func run(_ region: String) async throws -> Done {
        let base = try invocation.configuration().priceListURL ?? AWSOfferReader.publicBase
        let sources = from.isEmpty ? AWSOfferReader.urls(base: base, region: region) : from
        let reader = AWSOfferReader(region: region)
        for source in sources {
            invocation.output.show(.note("Reading \(source)"))
            do {
                if source.contains("://") {
                    try await download(source, reader)
                } else {
                    try read(source, reader)
                }
                try reader.endFile()
            } catch let failure as AWSOfferFailure {
                throw failed(source, failure.detail)
            } catch let problem as Diagnostic where from.isEmpty && source != sources[0] {
                // Without the price of traffic a burst that sends nothing home can still be planned.
                invocation.output.show(.note("What traffic costs stays unknown. \(problem.detail)"))
            }
        }
        do {
            let list = try reader.result()
            return Done(region: region, types: list.types.count, date: list.date, file: try store.write(list))
        } catch let failure as AWSOfferFailure {
            throw failed(sources.joined(separator: ", "), failure.detail)
        }
    }

    private func download(_ url: String, _ reader: AWSOfferReader) async throws {
        let response: HTTPResponse
        do throws(HTTPFailure) {
            response = try await invocation.http.stream(HTTPRequest(.get, url, timeout: .seconds(3600))) {
                reader.feed($0)
            }
        } catch {
            throw failed(url, error.detail)
        }
        guard response.status == 200 else { throw failed(url, "it answers with status \(response.status)") }
    }

    private func read(_ path: String, _ reader: AWSOfferReader) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failed(path, String(cString: strerror(errno))) }
        defer { close(file) }
        let size = 1 << 16
        while true {
            var failure: Int32 = 0
            let piece = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                let got = Glibc.read(file, buffer.baseAddress, size)
                if got < 0 { failure = errno }
                count = max(0, got)
            }
            if failure == EINTR { continue }
            guard failure == 0 else { throw failed(path, String(cString: strerror(failure))) }
            guard !piece.isEmpty, reader.feed(piece) else { return }
        }
    }

    private func failed(_ source: String, _ why: String) -> Diagnostic {
        Diagnostic(
            "prices.failed", "The prices could not be read", detail: "\(source): \(why).",
            remedy: "Try again, or name another copy of AWS's price list with --from.",
            exists: "What was known of prices before is kept.")
    }
}
