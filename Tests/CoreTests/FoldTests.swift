import SpillwayCore
import Testing

@Suite struct FoldTests {
    private typealias Fixture = PlanningFixture

    private func fold(_ changes: [JournalRecord.Change], from state: BurstState = Fixture.state(nil)) -> BurstState {
        let records = changes.enumerated().map { index, change in
            JournalRecord(seq: state.journalSeq + index + 1, at: Timestamp(seconds: Int64(index)), change: change)
        }
        return BurstState.fold(state, records)
    }

    private let create = Intent(.createServers, zone: "z1", tags: Fixture.tags(0), count: 1)

    @Test func `an intent without an outcome stays open`() {
        let state = fold([.run(Fixture.run()), .intent(create)])
        #expect(state.open.map(\.intent) == [create])
        #expect(state.isLive)
    }

    @Test func `a lost answer leaves the intent open, with the reason`() {
        let lost = ProviderError(.unknownOutcome, operation: "create server", detail: "reset")
        let state = fold([.intent(create), .outcome(of: 1, .unknown(error: lost))])
        #expect(state.open.first?.lost == lost)
    }

    @Test(arguments: [Outcome.refused(error: ProviderError(.quota, operation: "", detail: "")), .absent])
    func `what was refused or is absent leaves nothing behind`(outcome: Outcome) {
        let state = fold([.intent(create), .outcome(of: 1, outcome)])
        #expect(state.open.isEmpty)
        #expect(state.resources.isEmpty)
    }

    @Test func `what was made or found is known until it is verified gone`() {
        let server = Fixture.server(0)
        let made = fold([.intent(create), .outcome(of: 1, .done(created: [server]))])
        #expect(made.live.map(\.resource) == [server])
        let gone = fold([.gone(server.id)], from: made)
        #expect(gone.live.isEmpty)
        #expect(gone.resources.first?.goneAt != nil)
    }

    @Test func `what a listing shows again after it was believed gone is known again`() {
        let server = Fixture.server(0)
        let state = fold([.seen(server), .gone(server.id), .seen(server)])
        #expect(state.live.map(\.resource) == [server])
    }

    @Test func `a new run drops what is gone and keeps what is not`() {
        let (kept, gone) = (Fixture.server(0), Fixture.server(1))
        let state = fold([.seen(kept), .seen(gone), .gone(gone.id), .run(Fixture.run())])
        #expect(state.resources.map(\.resource) == [kept])
        #expect(state.jobs.isEmpty)
    }

    @Test func `each node has one job record, the last`() {
        let state = fold([
            .job(JobRecord(node: 1, stage: .started)), .job(JobRecord(node: 0, stage: .started)),
            .job(JobRecord(node: 1, stage: .finished)),
        ])
        #expect(state.jobs.map(\.node) == [0, 1])
        #expect(state.jobs.map(\.stage) == [.started, .finished])
    }

    @Test func `records that the snapshot holds already change nothing`() {
        let changes: [JournalRecord.Change] = [.run(Fixture.run()), .intent(create), .seen(Fixture.server(0))]
        let records = changes.enumerated().map {
            JournalRecord(seq: $0.offset + 1, at: Timestamp(seconds: 0), change: $0.element)
        }
        let snapshot = BurstState.fold(Fixture.state(nil), records)
        #expect(BurstState.fold(snapshot, records) == snapshot)
    }
}
