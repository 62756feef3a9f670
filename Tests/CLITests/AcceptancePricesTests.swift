import Foundation
import TestSupport
import Testing

extension Acceptance {
    @Suite struct Prices {
        /// Made once by the script that measurements use.
        private static let list: Result<String, any Error> = Result {
            let maker = Process()
            maker.executableURL = Golden.packageRoot.appending(path: ".ci/make-price-list")
            maker.arguments = ["eu-west-3", "1"]
            let out = Pipe()
            maker.standardOutput = out
            try maker.run()
            let text = String(decoding: out.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            maker.waitUntilExit()
            return text
        }

        private func configure(_ place: Workplace, _ url: String) throws {
            try place.write("price_list_url: \(url)\n", to: "../config/spillway/config.yaml")
        }

        @Test func `a region's prices are fetched from the list that the configuration names, and kept`() async throws {
            let list = try Self.list.get()
            let server = try HTTPTestServer { request in
                switch request.path {
                case "/offers/v1.0/aws/AmazonEC2/current/eu-west-3/index.json": .answer(200, body: list)
                default: .answer(403, body: "<Error/>")
                }
            }
            try await withOfflineWorkplace { place in
                try configure(place, server.url)
                let before = try await place.run("prices")
                #expect(before.stdout.contains("us-east-1") && !before.stdout.contains("eu-west-3"), "\(before)")
                let update = try await place.run("prices", "update", "--region", "eu-west-3")
                #expect(
                    update.status == 0 && update.stdout.contains("eu-west-3: 5 types, prices of 2026-07-20"),
                    "\(update)")
                #expect(update.stderr.contains("AWSDataTransfer"), "what traffic costs is not known: \(update)")
                let after = try await place.run("prices", "list")
                #expect(after.stdout.contains("price list") && after.stdout.contains("eu-west-3"), "\(after)")
            }
        }

        @Test func `a file does as well, and nothing is kept of one that is cut off`() async throws {
            let list = try Self.list.get()
            try await withOfflineWorkplace { place in
                try place.write(String(list.prefix(300_000)), to: "cut.json")
                let cut = try await place.run("prices", "update", "--region", "eu-west-3", "--from", "cut.json")
                #expect(cut.status == 1 && cut.stderr.contains("[prices.failed]"), "\(cut)")
                #expect(cut.stderr.contains("it ends in the middle"), "\(cut)")
                #expect(try await !place.run("prices").stdout.contains("eu-west-3"))
                try place.write(list, to: "whole.json")
                let whole = try await place.run(
                    "prices", "update", "--region", "eu-west-3", "--from", "whole.json", "--json")
                #expect(whole.status == 0 && whole.stdout.contains("\"types\":5"), "\(whole)")
            }
        }

        @Test(
            arguments: [
                (["--region", "eu-west-9"], "[prices.unknown-region]", 64), ([], "Name a region", 64),
                (["--region", "eu-west-3"], "no connection to", 1),
            ] as [([String], String, Int32)])
        func `what cannot be fetched says why`(arguments: [String], says: String, status: Int32) async throws {
            try await withOfflineWorkplace { place in
                try configure(place, "http://127.0.0.1:1")
                let result = try await place.run(command: ["spillway", "prices", "update"] + arguments)
                #expect(result.status == status && result.stderr.contains(says), "\(result)")
            }
        }
    }
}
