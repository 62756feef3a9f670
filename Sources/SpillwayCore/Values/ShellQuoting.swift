/// The one way in which text becomes a word of a POSIX shell command.
package enum ShellQuoting {
    /// `text` as one word: what the shell hands on is `text`, byte for byte. A NUL cannot be in any word and is dropped.
    package static func quote(_ text: String) -> String {
        guard text.isEmpty || !text.utf8.allSatisfy(isPlain) else { return text }
        var out: [UInt8] = [apostrophe]
        for byte in text.utf8 where byte != 0 {
            if byte == apostrophe {
                out += Array(#"'\''"#.utf8)
            } else {
                out.append(byte)
            }
        }
        out.append(apostrophe)
        return String(decoding: out, as: UTF8.self)
    }

    /// A command line of `words`, each quoted.
    package static func command(_ words: [String]) -> String {
        words.map(quote).joined(separator: " ")
    }

    /// `export NAME='value'`, one line per variable, for a file that a shell reads. `names` are valid by contract.
    package static func exports(_ variables: [(name: String, value: String)]) -> String {
        variables.map { "export \($0.name)=\(always($0.value))\n" }.joined()
    }

    private static let apostrophe = UInt8(ascii: "'")

    /// Quotes even what needs none: after `=` a tilde would be expanded.
    private static func always(_ value: String) -> String {
        let word = quote(value)
        return word.first == "'" ? word : "'\(word)'"
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "@"):
            true
        default:
            false
        }
    }
}
