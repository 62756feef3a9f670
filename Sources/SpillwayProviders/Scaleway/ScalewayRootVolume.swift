package import SpillwayCore

/// Where a root volume goes and how large it is: decided here, before anything is asked of the cloud.
///
/// A root goes to the machine's own disk when the type has one that is large enough: it costs a third and disappears
/// with its server. Everything else goes to block storage. Zone fr-par-3 has no type with a local disk.
package enum ScalewayRootVolume {
    private static let gigabyte: Int64 = 1_000_000_000
    /// Scaleway's documentation: "at least 10 GB (125 GB for a GPU OS)".
    private static let minimum: Int64 = 10
    private static let gpuMinimum: Int64 = 125
    private static let usual: Int64 = 20
    private static let blockMaximum: Int64 = 10_000

    /// `diskBytes` is the spec's `disk`, nil for a sensible size. Rounded up to whole GB, as both storages want it.
    /// Throws code `spec.disk`.
    package static func choose(
        for type: InstanceType, diskBytes: Int64?, image: String
    ) throws(Diagnostic) -> RootVolume {
        let isGPU = ScalewayImages.isGPUSystem(image, on: type)
        let least = isGPU ? gpuMinimum : minimum
        let wanted = diskBytes.map { $0 / gigabyte + ($0 % gigabyte == 0 ? 0 : 1) } ?? (isGPU ? gpuMinimum : usual)
        guard wanted >= least else {
            throw Diagnostic(
                "spec.disk", "The disk is too small",
                detail: "\(image) on \(type.name) needs at least \(least) GB; the spec asks for \(wanted) GB.",
                remedy: "Write disk: \(least)GB or more, or leave it out.", exit: .usage)
        }
        if wanted <= type.localDiskBytes / gigabyte {
            return RootVolume(kind: .local, sizeBytes: wanted * gigabyte)
        }
        guard wanted <= blockMaximum else {
            throw Diagnostic(
                "spec.disk", "The disk is too large",
                detail: "Scaleway's block volumes end at 10 TB; the spec asks for \(wanted) GB.",
                remedy: "Write disk: 10000GB or less.", exit: .usage)
        }
        return RootVolume(kind: .block, sizeBytes: wanted * gigabyte)
    }
}
