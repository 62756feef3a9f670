import Testing

/// What the real binary does with a real simulated cloud. One after the other: each test runs whole processes, some of
/// them many, and the machine may be small.
@Suite(.serialized) enum Acceptance {}
