/// How long things take: durations seen on the real cloud times a scale, with jitter.
struct SimClock: Sendable {
    var scale: Double
    /// Seconds from power-on until the guest comes up, not scaled.
    var bootDelay: Double

    init(scale: Double, bootDelay: Double) {
        (self.scale, self.bootDelay) = (scale, bootDelay)
    }

    /// Observed seconds: smallest, usual and longest.
    enum Step {
        case start, stop, standby, rebootDown, rebootUp, terminate, detach, attach, createVolume, snapshot
        /// Of EC2, from experience: no recordings are at hand.
        case launch, halt, shutDown

        var seconds: (low: Double, usual: Double, high: Double) {
            switch self {
            case .start: (3, 5, 35)
            case .stop: (6, 36, 67)
            case .standby: (41, 44, 46)
            case .rebootDown: (15, 20, 25)
            case .rebootUp: (15, 20, 25)
            case .terminate: (3, 5, 118)
            case .detach: (1, 2, 5)
            case .attach: (0.5, 1, 2)
            case .createVolume: (0.5, 1, 2)
            case .snapshot: (2, 5, 60)
            case .launch: (4, 8, 20)
            case .halt: (10, 30, 90)
            case .shutDown: (10, 35, 90)
            }
        }
    }

    /// Nine times in ten between the smallest and 1.3 times the usual; the tenth may take up to the longest.
    func duration(of step: Step, using generator: inout SeededGenerator) -> Double {
        let (low, usual, high) = step.seconds
        let unit = Double(generator.next() >> 11) / Double(1 << 53)
        let seconds =
            unit < 0.9 ? low + (min(usual * 1.3, high) - low) * unit / 0.9 : usual + (high - usual) * (unit - 0.9) * 10
        return seconds * scale
    }
}
