/// The last word before money is spent. Asked when planning and again, with the rates then known, before each create.
package enum CostGuard {
    /// Throws code `cost.cap-exceeded` or `cost.currency`, exit 4, when `estimate` does not fit under `cap`.
    package static func check(
        _ estimate: Estimate, cap: Money, source: SourceLocation?, longest: Seconds?
    ) throws(Diagnostic) {
        guard estimate.total.currency == cap.currency else {
            throw Diagnostic(
                "cost.currency", "Cost cap is in another currency",
                detail: "The prices are in \(estimate.total.currency), the cap is \(cap). "
                    + "Amounts of two currencies are never compared without a rate that you wrote.",
                remedy:
                    "Write max_cost in \(estimate.total.currency), or a rate of your own into the user configuration: "
                    + "exchange_rates: {\(cap.currency)/\(estimate.total.currency): 1.00} with the right number.",
                exists: "Nothing was created.",
                source: source, exit: .refused)
        }
        guard estimate.total.micros > cap.micros else { return }
        let lines = estimate.lines.map { "\($0.what): \($0.cost)" }.joined(separator: "\n")
        let remedy =
            longest.map { "This cap pays for max_duration \($0). Shorten the burst, or raise max_cost." }
            ?? "This cap does not pay for a minute of this offer. Choose a smaller instance_type, or raise max_cost."
        throw Diagnostic(
            "cost.cap-exceeded", "Cost cap would be exceeded",
            detail: "The worst case is \(estimate.total), the cap is \(cap).\n\(lines)", remedy: remedy,
            exists: "Nothing was created.", source: source, exit: .refused)
    }
}
