internal import FoundationEssentials
internal import Synchronization

/// Reads AWS's public price list, of which one file has some 480 MB, as it comes: a fixed amount of memory is enough.
///
/// Pieces come from any thread, one after the other. Which files: ``urls(base:region:)``.
package final class AWSOfferReader: Sendable {
    private struct State {
        var gathering: AWSPriceGathering
        var slicer = AWSOfferReader.slicer()
        var failure: String?
    }

    private let state: Mutex<State>

    package init(region: String) {
        state = Mutex(
            State(gathering: AWSPriceGathering(region: region, known: AWSCatalogue.builtIn?.types ?? [:])))
    }

    /// Instances and volumes, then traffic. Public, without credentials.
    package static func urls(base: String, region: String) -> [String] {
        ["AmazonEC2", "AWSDataTransfer"].map { "\(base)/offers/v1.0/aws/\($0)/current/\(region)/index.json" }
    }

    package static let publicBase = "https://pricing.us-east-1.amazonaws.com"

    /// False when nothing more of this file is needed: prices for years to come make up most of it.
    package func feed(_ bytes: [UInt8]) -> Bool {
        state.withLock { state in
            guard state.failure == nil else { return false }
            do {
                var slicer = state.slicer
                // Not to be copied with each piece.
                state.slicer = JSONSlicer(wanted: [], end: [])
                defer { state.slicer = slicer }
                try slicer.feed(bytes) { path, value in try Self.take(path, value, &state.gathering) }
            } catch let failure as JSONSlicer.Failure {
                state.failure = "it is not the JSON of a price list (\(failure))"
            } catch {
                state.failure = explain(error)
            }
            return state.failure == nil && !state.slicer.isComplete
        }
    }

    /// Ends a file; the next piece is the first of another. Throws why it was not read to its end.
    package func endFile() throws(AWSOfferFailure) {
        let (failure, isComplete) = state.withLock { state in
            defer { state.slicer = Self.slicer() }
            return (state.failure, state.slicer.isComplete)
        }
        if let failure { throw AWSOfferFailure(detail: failure) }
        guard isComplete else { throw AWSOfferFailure(detail: "it ends in the middle") }
    }

    /// What was found in all files. Throws when it has no prices of the region, or none of its volumes.
    package func result() throws(AWSOfferFailure) -> AWSPriceList {
        let list = state.withLock { $0.gathering.priceList }
        guard !list.types.isEmpty else {
            throw AWSOfferFailure(detail: "it has no on-demand prices for Linux in \(list.region)")
        }
        guard list.gp3 != nil else { throw AWSOfferFailure(detail: "it has no price of gp3 volumes in \(list.region)") }
        return list
    }

    private static func slicer() -> JSONSlicer {
        JSONSlicer(
            wanted: [["publicationDate"], ["products", nil], ["terms", "OnDemand", nil]], end: ["terms", "Reserved"])
    }

    private static func take(_ path: [String], _ value: [UInt8], _ gathering: inout AWSPriceGathering) throws {
        switch path.first {
        case "publicationDate":
            gathering.published(try JSONDecoder().decode(String.self, from: Data(value)))
        case "products":
            // Most products are not of interest, and finding the two words is quicker than decoding.
            guard AWSProductFilter.mayMatter(value) else { return }
            gathering.take(try JSONDecoder().decode(AWSPriceBodies.Product.self, from: Data(value)))
        default:
            guard let sku = path.last, gathering.wants(sku) else { return }
            gathering.take(sku, try JSONDecoder().decode([String: AWSPriceBodies.Term].self, from: Data(value)))
        }
    }
}

package struct AWSOfferFailure: Error, Sendable, Hashable {
    package var detail: String
}

/// Tells most products that are not wanted from their bytes alone.
enum AWSProductFilter {
    private static let words = [
        Array("\"operatingSystem\":\"Linux\"".utf8), Array("\"gp3\"".utf8), Array("\"AWS Outbound\"".utf8),
    ]

    static func mayMatter(_ product: [UInt8]) -> Bool {
        words.contains { word in product.firstRange(of: word) != nil }
    }
}
