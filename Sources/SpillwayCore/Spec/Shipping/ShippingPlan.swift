/// What goes up, what stays and why, and what must not go: decided before anything is sent.
package struct ShippingPlan: Hashable, Sendable {
    package struct Item: Hashable, Sendable {
        package var file: ListedFile
        /// Below the instance's home.
        package var remotePath: String
    }

    package struct LeftOut: Hashable, Sendable {
        /// A folder stands for all that lies in it.
        package var path: String
        package var reason: Reason
    }

    package enum Reason: Hashable, Sendable, CustomStringConvertible {
        case rule(file: String, line: Int, text: String)
        case stateFolder
        case keys
        case outputTarget
        case special

        package var description: String {
            switch self {
            case .rule(let file, let line, let text): "\(file.withoutControls):\(line): \(text.excerpt)"
            case .stateFolder: "the state folder is never shipped"
            case .keys: "keys are never shipped"
            case .outputTarget: "results land here"
            case .special: "neither a file, a folder nor a link with a readable name"
            }
        }
    }

    /// In the order of the entries of `files`, then of the paths; a folder comes before what lies in it.
    package var included: [Item] = []
    package var leftOut: [LeftOut] = []
    /// Nothing may be shipped while this is not empty.
    package var refused: [Diagnostic] = []

    package init() {}

    package var bytes: Int64 {
        included.reduce(0) { sum, item in if case .file(let size, _) = item.file.kind { sum + size } else { sum } }
    }

    /// As the upload wants them; `root` is the spec's folder on this machine.
    package func files(below root: String) -> [ShippedFile] {
        included.compactMap { item in
            let kind: ShippedFile.Kind
            switch item.file.kind {
            case .file(let size, let executable): kind = .file(size: size, executable: executable)
            case .folder: kind = .directory
            case .link(let target): kind = .symlink(target: target)
            case .special: return nil
            }
            let path = item.file.path
            let local = path.hasPrefix("/") ? path : path == "." ? root : "\(root)/\(path)"
            return ShippedFile(localPath: local, remotePath: item.remotePath, kind: kind)
        }
    }
}
