import SpillwayCore
import Testing

@testable import SpillwayProviders

@Suite struct ScalewayTagsTests {
    @Test func `tags survive being written and read`() {
        #expect(ScalewayTags.decode(ScalewayTags.encode(ScalewaySamples.tags)) == ScalewaySamples.tags)
        var node = ScalewaySamples.tags
        node.node = 3
        #expect(ScalewayTags.decode(ScalewayTags.encode(node).shuffled() + ["", "=", "a", "AUTHORIZED_KEY=x"]) == node)
    }

    @Test(arguments: 0..<7)
    func `without any one of them a resource is not ours, but for the node`(_ index: Int) {
        var node = ScalewaySamples.tags
        node.node = 3
        var tags = ScalewayTags.encode(node)
        let removed = tags.remove(at: index)
        #expect((ScalewayTags.decode(tags) == nil) == !removed.hasPrefix("spillway:node="))
    }

    @Test(arguments: [
        "spillway:expires=tomorrow", "spillway:node=-1", "spillway:node=x", "spillway:owner=someone-else",
    ])
    func `a malformed or ambiguous tag makes a resource not ours`(_ tag: String) {
        let others = ScalewaySamples.tagList.filter {
            !$0.hasPrefix("spillway:expires") || tag.hasPrefix("spillway:n") || tag.hasPrefix("spillway:o")
        }
        #expect(ScalewayTags.decode(others + [tag]) == nil)
    }

    @Test(arguments: [
        SSHAdmission(cidrs: ["203.0.113.7/32"], port: 22),
        SSHAdmission(cidrs: ["2001:db8::/64", "10.0.0.0/8"], port: 2222),
        SSHAdmission(cidrs: [], port: 22),
    ])
    func `an admission survives in a description`(_ admission: SSHAdmission) {
        #expect(ScalewayAdmission.read(ScalewayAdmission.describe(admission)) == admission)
    }

    @Test(arguments: [
        nil, "", "my group", "spillway:admits=", "spillway:admits=0;10.0.0.0/8", "spillway:admits=x;10.0.0.0/8",
    ])
    func `any other description admits nobody that is known`(_ description: String?) {
        #expect(ScalewayAdmission.read(description) == nil)
    }
}
