// SPDX-License-Identifier: Apache-2.0

/// What goes wrong only when several things happen one right after the other, which chance would bring together too seldom.
enum Story: CaseIterable {
    /// What was invalidated since it was saved comes back, and several ask for it at once.
    case oldSnapshot
    /// Many ask in one process for what is changed meanwhile.
    case crowd
    /// Something is changed while the server is silent, and many ask for it when it answers again.
    case outage
    /// Something is changed, perhaps twice, and an invalidation is lost, while many ask for it.
    case lostInvalidation
    /// An invalidation is lost while the answer to the one before is on its way.
    case lateAnswer
    /// The log is lost again and again while many read.
    case lostLogs

    /// What happens, from a time on.
    func steps(
        from start: Int, processes: Int, registers: Int, number: (ClosedRange<Int>) -> Int
    ) -> [Scenario.Step] {
        let (process, register) = (number(0...processes - 1), number(0...registers - 1))
        let other = (process + number(0...1)) % processes
        func method() -> Scenario.Method { [.key, .tag, .through][number(0...2)] }
        func at(_ milliseconds: Int, _ action: Scenario.Action) -> Scenario.Step {
            Scenario.Step(milliseconds: start + milliseconds, action: action)
        }
        func reads(_ count: Int, in range: ClosedRange<Int>) -> [Scenario.Step] {
            (0..<count).map { _ in at(number(range), .read(process: process, register: register)) }
        }
        switch self {
        case .oldSnapshot:
            let down = number(1...20)
            return [
                at(0, .read(process: process, register: register)),
                at(100, .fault(.save)),
                at(101, .write(process: process, register: register, .key)),
                at(150, .fault(.restart(isSaved: true, afterMilliseconds: down))),
            ] + reads(8, in: 151 + down...155 + down)
        case .crowd:
            return reads(number(8...40), in: 0...80)
                + (0..<number(1...4)).map { _ in
                    at(number(0...60), .write(process: other, register: register, method()))
                }
        case .outage:
            let silence = number(250...500)
            return reads(1, in: 0...0) + [
                at(100, .fault(.pause(milliseconds: silence))),
                at(number(100...120), .write(process: process, register: register, .tag)),
            ] + reads(5, in: 100...130) + reads(number(20...60), in: 100 + silence...300 + silence)
        case .lostInvalidation:
            let changes = (0..<number(1...3)).map { _ in
                at(number(100...150), .write(process: process, register: register, method()))
            }
            let losses = (0..<number(1...2)).map { _ in at(number(90...150), .fault(.loseInvalidation(process))) }
            return reads(number(0...1), in: 0...20) + losses + changes + reads(number(5...40), in: 80...250)
        case .lateAnswer:
            let way = method()
            return reads(1, in: 0...20) + [
                at(100, .fault(.delayInvalidation(process))),
                at(100, .write(process: process, register: register, way)),
                at(number(130...170), .fault(.loseInvalidation(process))),
                at(number(150...180), .write(process: process, register: register, way)),
            ] + reads(number(5...20), in: 105...150) + reads(number(5...20), in: 150...300)
        case .lostLogs:
            let losses = (0..<number(2...4)).map { _ in at(number(100...130), .fault(.loseLog)) }
            let changes = (0..<number(1...3)).map { _ in
                at(number(90...150), .write(process: other, register: register, .tag))
            }
            return reads(3, in: 0...50) + losses + changes + reads(number(10...40), in: 90...160)
        }
    }
}
