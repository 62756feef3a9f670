/// The worst case of a burst, line by line; every line in one currency.
package struct Estimate: Hashable, Sendable, Codable {
    package struct Line: Hashable, Sendable, Codable {
        /// "2 × POP2-HC-32C-64G in fr-par-2", "IPv4 address".
        package var what: String
        package var quantity: Int64
        package var rate: Rate
        /// How long the item lives at the worst.
        package var span: Seconds
        package var cost: Money

        package init(what: String, quantity: Int64, rate: Rate, span: Seconds) {
            self.what = what
            self.quantity = quantity
            self.rate = rate
            self.span = span
            self.cost = rate.charge(over: span, quantity: quantity)
        }
    }

    package var lines: [Line]
    package var total: Money
    /// Per hour while everything is up.
    package var hourly: Money

    /// `lines` all carry `currency`; an empty estimate costs nothing.
    package init(lines: [Line], currency: Currency, hourly: Money? = nil) {
        self.lines = lines
        total = Money(micros: Self.sum(lines.map(\.cost.micros)), currency: currency)
        self.hourly =
            hourly
            ?? Money(micros: Self.sum(lines.map { $0.rate.perHour(quantity: $0.quantity).micros }), currency: currency)
    }

    private static func sum(_ values: [Int64]) -> Int64 {
        values.reduce(0) { total, value in
            let (sum, overflow) = total.addingReportingOverflow(value)
            return overflow ? .max : sum
        }
    }
}
