/// The one error a user meets: what happened, where, why, what exists now, and what to do.
///
/// `summary` is fixed wording for its `code`; everything that varies stands in `detail`. `remedy` is a sentence and
/// `command` a line to copy. `code` is stable and listed in `docs/errors.md`.
package struct Diagnostic: Error, Codable, Hashable, Sendable {
    package enum Severity: String, Codable, Hashable, Sendable, CaseIterable {
        case error, warning, note
    }

    package var severity: Severity
    package var code: Code
    package var summary: String
    package var detail: String
    package var remedy: String?
    package var command: String?
    /// What exists in the cloud now and what it costs; nil when nothing was touched and nothing was asked for.
    package var exists: String?
    package var source: SourceLocation?
    package var exit: ExitCode

    package init(
        _ code: Code, _ summary: String, detail: String = "", remedy: String? = nil, command: String? = nil,
        exists: String? = nil, source: SourceLocation? = nil, severity: Severity = .error, exit: ExitCode = .error
    ) {
        self.severity = severity
        self.code = code
        self.summary = summary
        self.detail = detail
        self.remedy = remedy
        self.command = command
        self.exists = exists
        self.source = source
        self.exit = exit
    }

    /// A dotted name such as `cost.cap-exceeded`.
    package struct Code: Hashable, Sendable, Codable, ExpressibleByStringLiteral, CustomStringConvertible {
        package let description: String

        package init(stringLiteral value: String) { description = value }
        package init(_ value: String) { description = value }

        package init(from decoder: any Decoder) throws {
            description = try decoder.singleValueContainer().decode(String.self)
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(description)
        }
    }
}

/// A place in a file the user wrote; line and column count from 1.
package struct SourceLocation: Codable, Hashable, Sendable, CustomStringConvertible {
    package var file: String
    package var line: Int
    package var column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    package var description: String { "\(file):\(line):\(column)" }
}

/// Several problems found in one go, errors first in file order.
package struct Diagnostics: Error, Sendable {
    package let all: [Diagnostic]

    package init(_ all: [Diagnostic]) { self.all = all }
}
