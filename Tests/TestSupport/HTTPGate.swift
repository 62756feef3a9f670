import Foundation

/// Holds threads until a test lets them go.
// SAFETY: `isOpen` is read and written with the condition locked.
package final class HTTPGate: @unchecked Sendable {
    private let condition = NSCondition()
    private var isOpen = false

    package init() {}

    package func wait() {
        condition.withLock { while !isOpen { condition.wait() } }
    }

    package func open() {
        condition.withLock {
            isOpen = true
            condition.broadcast()
        }
    }
}

/// Looks again until `condition` holds; false after a minute, which only a failing test waits for.
package func eventually(_ condition: @Sendable () -> Bool) async -> Bool {
    for _ in 0..<6000 {
        if condition() { return true }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return condition()
}
