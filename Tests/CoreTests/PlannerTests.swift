import SpillwayCore
import Testing

@Suite struct PlannerTests {
    private typealias Fixture = PlanningFixture

    private func words(_ plan: Plan) -> [String] {
        plan.changes.map { "\($0.action.symbol) \($0.address): \($0.why)" }
    }

    @Test func `an empty cloud gets everything, what is needed first`() throws {
        let plan = try Fixture.plan(Fixture.desired(nodes: 2))
        #expect(
            plan.changes.map { "\($0.action.symbol) \($0.address)" } == [
                "+ firewall", "+ address[0]", "+ address[1]", "+ volume[0]", "+ volume[1]", "+ server[0]",
                "+ server[1]",
            ])
        #expect(plan.summary == "Plan: 7 to add, 0 to change, 0 to destroy.")
        #expect(plan.hardStop == .minutes(50))
    }

    @Test func `a burst that is as desired needs nothing`() throws {
        let plan = try Fixture.plan(Fixture.desired(nodes: 3), state: Fixture.state(), observed: Fixture.up(nodes: 3))
        #expect(plan.isEmpty)
        #expect(plan.summary == "Plan: 0 to add, 0 to change, 0 to destroy.")
    }

    @Test func `a server that was created and never powered on is powered on`() throws {
        let plan = try Fixture.plan(Fixture.desired(), state: Fixture.state(), observed: Fixture.up(.stopped))
        #expect(words(plan) == ["~ server[0]: created and not yet powered on: power on"])
    }

    @Test func `a server that stopped inside is powered on again`() throws {
        let plan = try Fixture.plan(Fixture.desired(), state: Fixture.state(), observed: Fixture.up(.standby))
        #expect(words(plan) == ["~ server[0]: stopped inside and still billed: power on"])
    }

    @Test func `a server deleted behind our back is planned anew, with its address kept and its volume removed`() throws
    {
        let observed = Fixture.up().filter { $0.id.kind != .server }
        let plan = try Fixture.plan(Fixture.desired(), state: Fixture.state(), observed: observed)
        #expect(
            words(plan) == [
                "- volume[0]: its server is gone", "+ volume[0]: root of server[0]", "+ server[0]: not there yet",
            ])
    }

    @Test(arguments: [
        ("T2", "ubuntu-24.04", "instance_type changes from T1 to T2: replaced"),
        ("T1", "debian-12", "image changes from ubuntu-24.04 to debian-12: replaced"),
    ])
    func `a changed spec says what changes and why`(type: String, image: String, why: String) throws {
        let desired = Fixture.desired(offers: [Fixture.offer(type: type)], image: image)
        let plan = try Fixture.plan(desired, state: Fixture.state(), observed: Fixture.up())
        #expect(
            words(plan) == [
                "- server[0]: \(why)", "- volume[0]: \(why)", "+ volume[0]: root of server[0]", "+ server[0]: \(why)",
            ])
    }

    @Test func `of two servers for one node the one that runs stays`() throws {
        let duplicate = Fixture.server(0, .stopped, id: "s9", created: -5)
        let observed = Fixture.up() + [duplicate, Fixture.volume(of: duplicate)]
        let plan = try Fixture.plan(Fixture.desired(), state: Fixture.state(), observed: observed)
        #expect(Set(plan.changes.compactMap(\.resource?.id.id)) == ["s9", "v-s9"])
        #expect(plan.counts.destroy == 2)
    }

    @Test func `of two stopped servers for one node the older stays`() throws {
        let older = Fixture.server(0, .stopped, id: "s9", created: -5)
        let observed = Fixture.up(.stopped) + [older, Fixture.volume(of: older)]
        let plan = try Fixture.plan(Fixture.desired(), state: Fixture.state(), observed: observed)
        #expect(plan.steps.filter { $0.action == .delete }.compactMap(\.resource?.id.id).contains("s0"))
        #expect(plan.steps.first { $0.action == .update }?.resource?.id.id == "s9")
    }

    @Test func `of two stopped servers for one node the one that was asked to power on stays, though it is younger`()
        throws
    {
        let older = Fixture.server(0, .stopped, id: "s9", created: -5)
        let asked = Fixture.server(0, .stopped)
        var state = Fixture.state()
        for change in [
            JournalRecord.Change.seen(asked), .intent(Intent(.powerOn, zone: "z1", target: asked.id)), .seen(older),
            .seen(asked),
        ] {
            state.apply(JournalRecord(seq: state.journalSeq + 1, at: Timestamp(seconds: 0), change: change))
        }
        let observed = Fixture.up(.stopped) + [older]
        let plan = try Fixture.plan(Fixture.desired(), state: state, observed: observed)
        #expect(plan.steps.filter { $0.action == .delete }.compactMap(\.resource?.id.id) == ["s9"])
        #expect(plan.steps.first { $0.action == .update }?.resource?.id.id == asked.id.id)
    }

    @Test func `of two firewalls the one that a server stands behind stays, whichever is listed first`() throws {
        for id in ["a", "zz"] {
            var up = Fixture.up()
            up[1].firewall = up[0].id
            let plan = try Fixture.plan(
                Fixture.desired(), state: Fixture.state(), observed: up + [Fixture.firewall(id: id)])
            #expect(plan.changes.compactMap(\.resource?.id.id) == [id])
        }
    }

    @Test func `of two addresses for one node the one in use stays, whichever is listed first`() throws {
        for id in ["a", "zz"] {
            var second = Fixture.address(0)
            second.id.id = id
            second.attachedTo = nil
            let plan = try Fixture.plan(Fixture.desired(), state: Fixture.state(), observed: Fixture.up() + [second])
            #expect(plan.changes.compactMap(\.resource?.id.id) == [id])
        }
    }

    @Test func `fewer nodes remove the highest ones and all they have`() throws {
        let plan = try Fixture.plan(Fixture.desired(nodes: 1), state: Fixture.state(), observed: Fixture.up(nodes: 2))
        #expect(
            words(plan) == [
                "- server[1]: nodes changes to 1", "- volume[1]: nodes changes to 1",
                "- address[1]: nodes changes to 1",
            ])
    }

    @Test func `a changed address replaces the firewall's own rule`() throws {
        let desired = Fixture.desired(admission: .caller(port: 22))
        let here = SSHAdmission(cidrs: ["203.0.113.9/32"], port: 22)
        let plan = try Fixture.plan(desired, state: Fixture.state(), observed: Fixture.up(), admission: here)
        #expect(words(plan) == ["~ firewall: it admits 192.0.2.1/32"])
    }

    @Test func `what an earlier run left is removed`() throws {
        var left = Fixture.server(0, id: "old")
        left.tags = Fixture.tags(0, run: "r0")
        let plan = try Fixture.plan(Fixture.desired(), state: Fixture.state(), observed: Fixture.up() + [left])
        #expect(words(plan) == ["- server[0]: left over from run r0"])
    }

    @Test func `nothing of another state folder is touched`() throws {
        var foreign = Fixture.server(0)
        foreign.tags = Fixture.tags(0, stateID: "s2")
        let thrown = #expect(throws: Diagnostic.self) {
            _ = try Fixture.plan(Fixture.desired(), state: Fixture.state(), observed: [foreign])
        }
        #expect(thrown?.code == "burst.elsewhere")
        #expect(thrown?.detail.contains("state folder s2") == true)
    }

    @Test func `with nothing desired everything goes, servers first and the firewall last`() throws {
        let plan = try Fixture.plan(nil, state: Fixture.state(), observed: Fixture.up())
        #expect(
            plan.changes.map { "\($0.action.symbol) \($0.address)" } == [
                "- server[0]", "- volume[0]", "- address[0]", "- firewall",
            ])
    }

    @Test func `a run that went on to a later zone stays there`() throws {
        let state = Fixture.state(Fixture.run(zone: "z2"))
        let plan = try Fixture.plan(
            Fixture.desired(offers: [Fixture.offer("z1"), Fixture.offer("z2")]), state: state,
            observed: [Fixture.firewall()])
        #expect(plan.offer?.zone == "z2")
        #expect(words(plan).first == "- firewall: the burst is in z2 now")
        #expect(plan.steps.filter { $0.action == .create }.allSatisfy { $0.zone == "z2" })
    }

    @Test func `an offline plan says that it did not look`() throws {
        let plan = try Fixture.plan(Fixture.desired(), observed: nil)
        #expect(plan.notes.contains("Live state: not checked (offline)."))
    }

    @Test func `random clouds are planned in one stable order and never touch what is not ours`() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var observed = Fixture.up(nodes: Int.random(in: 0...4, using: &random))
            for index in observed.indices where Bool.random(using: &random) {
                observed[index].lifecycle =
                    [.stopped, .standby, .running, .failed, .stopping].randomElement(using: &random) ?? .running
            }
            observed.removeAll { _ in Int.random(in: 0..<4, using: &random) == 0 }
            let desired = Fixture.desired(nodes: Int.random(in: 1...4, using: &random))
            let plan = try Fixture.plan(desired, state: Fixture.state(), observed: observed)
            let again = try Fixture.plan(desired, state: Fixture.state(), observed: observed.shuffled(using: &random))
            #expect(plan == again)
            let deleted = plan.steps.filter { $0.action == .delete }.compactMap(\.resource?.id)
            #expect(Set(deleted).count == deleted.count)
            #expect(Set(deleted).isSubset(of: Set(observed.map(\.id))))
            let servers = Set(
                plan.steps.filter { $0.address.kind == .server && $0.action != .delete }.compactMap(\.address.node))
            #expect(servers == Set(0..<desired.nodes))
        }
    }
}
