/// One API of the cloud, answering one request against a world of its own copy: an error leaves the cloud's as it was.
protocol Face {
    var world: World { get }
    mutating func answer() -> Reply
}
