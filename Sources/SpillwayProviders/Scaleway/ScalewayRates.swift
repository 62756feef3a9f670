internal import SpillwayCore

/// How Scaleway charges, apart from the prices themselves: by the started hour, GPU types by the started minute.
enum ScalewayRates {
    enum Unit: String, Sendable {
        case hour = "h"
        case minute = "m"

        var span: Seconds { self == .hour ? .hours(1) : .minutes(1) }
    }

    /// The day of the price list that the prices below stand in (docs-content, pages/instances/faq.mdx).
    static let published = PriceSource(name: "catalogue", date: "2025-03-25")

    /// Of a server. CPU types are charged by the hour, 60 minutes at the least; a minute-billed type by the minute.
    static func server(nanosPerHour: Int64, unit: Unit, source: PriceSource) -> Rate {
        Rate(
            nanos: nanosPerHour, granule: unit.span, minimum: unit.span, currency: .eur, source: source)
    }

    /// Used where the product catalogue has no record of the type. The documentation: GPU types are billed per
    /// minute, except RENDER-S; everything else per hour.
    static func documentedUnit(gpus: Int, type: String) -> Unit {
        gpus > 0 && !type.hasPrefix("RENDER-") && !type.hasPrefix("GPU-") ? .minute : .hour
    }

    /// Per GB. In Paris 3 block storage costs half as much again, and there is no local storage.
    static func blockVolume(zone: String) -> Rate {
        allocated(nanosPerHour: zone == "fr-par-3" ? 177_000 : 118_000)
    }

    static func localVolume(zone: String) -> Rate? {
        zone == "fr-par-3" ? nil : allocated(nanosPerHour: 44_000)
    }

    /// The same page: the price of an Instance is made up of three parts, Instance, storage and flexible IP. Traffic is none.
    static let egress = Rate.once(nanos: 0, currency: .eur, source: published)

    static let ipv4 = allocated(nanosPerHour: 4_000_000)

    /// From creation to deletion, whatever the server does.
    private static func allocated(nanosPerHour: Int64) -> Rate {
        Rate(nanos: nanosPerHour, granule: .hours(1), minimum: .hours(1), currency: .eur, source: published)
    }
}
