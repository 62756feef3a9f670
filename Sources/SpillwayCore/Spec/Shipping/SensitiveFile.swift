/// Files that are shipped only when an entry of `files` names them.
enum SensitiveFile {
    /// Why this is taken for a credential, by its name alone.
    static func reason(_ file: ListedFile) -> String? {
        let parts = file.path.lowercased().split(separator: "/")
        let name = parts.last ?? ""
        if name.hasPrefix(".env") { return "`.env*` files hold passwords and tokens" }
        if name == ".aws" { return "`.aws` holds the keys of an AWS account" }
        if parts.suffix(2) == [".config", "scw"] { return "`.config/scw` holds the keys of a Scaleway account" }
        guard !file.isFolder else { return nil }
        if name.hasSuffix(".pem") { return "`*.pem` files hold private keys" }
        if name.hasPrefix("id_") { return "`id_*` files hold private SSH keys" }
        return nil
    }

    /// True for the configuration of a repository, which may hold a password in a remote's URL.
    static func isGitConfig(_ file: ListedFile) -> Bool {
        let parts = file.path.split(separator: "/")
        return !file.isFolder && parts.last == "config" && parts.dropLast().contains(".git")
    }

    /// A user with a password before the host of a URL, a token in a user's place over http, or a header with one.
    static func holdsCredential(gitConfig text: String) -> Bool {
        text.lowercased().split(separator: "\n").contains { line in
            if line.contains("extraheader"), line.contains("authorization") { return true }
            guard let scheme = line.firstRange(of: "://") else { return false }
            let authority = line[scheme.upperBound...].prefix { !"/ \t\"".contains($0) }
            guard let at = authority.lastIndex(of: "@") else { return false }
            return authority[..<at].contains(":") || line[..<scheme.lowerBound].hasSuffix("http")
                || line[..<scheme.lowerBound].hasSuffix("https")
        }
    }
}
