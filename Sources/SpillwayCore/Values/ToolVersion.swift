/// The version of Spillway, in one place: `version`, plans, receipts and the user agent say it.
package enum ToolVersion {
    package static let current = "0.1.0"
}
