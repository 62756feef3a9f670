/// The one gate to a mutating call: the intent is durable before `call` starts, the outcome before `perform` returns.
///
/// An implementation in the engine appends to the burst's journal; when the intent cannot be made durable the call is
/// not made. A process that dies in between leaves an open intent, which the next start resolves by looking.
package protocol MutationLog: Sendable {
    /// `call` returns its value and the outcome to record. What it throws is recorded too, and rethrown.
    func perform<Value: Sendable>(
        _ intent: Intent, _ call: @Sendable () async throws(ProviderError) -> (Value, Outcome)
    ) async throws(ProviderError) -> Value
}
