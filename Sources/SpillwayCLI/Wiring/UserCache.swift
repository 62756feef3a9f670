/// What is kept for all bursts of one user and can be had again: `$XDG_CACHE_HOME/spillway`, else `~/.cache/spillway`.
enum UserCache {
    /// nil where the environment names no home: then nothing is kept.
    static func folder(_ environment: [String: String]) -> String? {
        // The XDG specification wants relative paths there to be ignored.
        let cache = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        let home = environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 + "/.cache" : nil }
        return (cache ?? home).map { $0 + "/spillway" }
    }
}
