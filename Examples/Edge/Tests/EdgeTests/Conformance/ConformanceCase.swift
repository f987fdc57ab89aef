// SPDX-License-Identifier: Apache-2.0

import Testing

/// One thing that the standards ask of a cache: some requests in a row, with what the origin would answer and what has to come.
///
/// Every case has a URL of its own, so that all can run at a time.
struct ConformanceCase: Sendable, CustomTestStringConvertible {
    /// Where it is asked for: `RFC 9111 §4.2.1`.
    var section: String
    /// What is asked for.
    var title: String
    /// The requests.
    var steps: [Step]

    init(_ section: String, _ title: String, _ steps: Step...) {
        self.section = section
        self.title = title
        self.steps = steps
    }

    var testDescription: String { "\(self.section) \(self.title)" }
}

/// A field of a message. In values `{now}`, `{now+60}` and `{now-60}` stand for dates, so many seconds from when the message is sent;
/// `{url}` for the URL of the case, `{path}` for its path, and `{id}` for what is in no other case's.
typealias Field = (name: String, value: String)

/// One request, and what becomes of it.
struct Step: Sendable {
    /// What the client sends.
    var request: Request
    /// What the origin does if it is asked.
    var origin: Origin
    /// What has to be true then.
    var expectations: [Expectation]
    /// How long to wait before it, in seconds.
    var pause: Double

    /// - Parameters:
    ///   - request: What the client sends.
    ///   - origin: What the origin does if it is asked.
    ///   - pause: How long to wait before it, in seconds.
    ///   - expectations: What has to be true then.
    init(_ request: Request = .get, _ origin: Origin = .ok(), after pause: Double = 0, _ expectations: Expectation...) {
        self.request = request
        self.origin = origin
        self.pause = pause
        self.expectations = expectations
    }
}

/// What a client sends.
struct Request: Sendable {
    var method = "GET"
    /// What follows the path of the case: `?page=1`.
    var suffix = ""
    var fields: [Field] = []
    var body: String?
    var version = "1.1"

    static let get = Request()
    static func get(_ suffix: String = "", _ fields: Field...) -> Request { Request(suffix: suffix, fields: fields) }
    static func head(_ suffix: String = "", _ fields: Field...) -> Request {
        Request(method: "HEAD", suffix: suffix, fields: fields)
    }
    /// Any other method, with a body if there is one.
    static func send(_ method: String, _ suffix: String = "", body: String? = nil, _ fields: Field...) -> Request {
        Request(method: method, suffix: suffix, fields: fields, body: body)
    }
}

/// What an origin does.
struct Origin: Sendable {
    var status = 200
    var fields: [Field] = []
    /// Nil for the number of the request in the case: `body 1`, `body 2`.
    var body: String?
    var harm = Harm.none

    enum Harm: Sendable {
        case none
        /// The connection ends before an answer.
        case cutBeforeAnswer
        /// The connection ends in the middle of the body.
        case cutInBody
        /// A body in chunks.
        case chunked
    }

    /// 200 with some fields. `Date` is added unless there is one; so is `Content-Length`.
    static func ok(_ fields: Field..., body: String? = nil) -> Origin { Origin(fields: fields, body: body) }
    /// Any other status.
    static func status(_ status: Int, _ fields: Field..., body: String? = nil) -> Origin {
        Origin(status: status, fields: fields, body: body)
    }
    /// 304 without a body.
    static func notModified(_ fields: Field...) -> Origin { Origin(status: 304, fields: fields, body: "") }
    /// Fails.
    static func fail(_ harm: Harm, _ fields: Field...) -> Origin { Origin(fields: fields, harm: harm) }
    /// 200 with a body in chunks.
    static func chunked(_ fields: Field..., body: String? = nil) -> Origin {
        Origin(fields: fields, body: body, harm: .chunked)
    }
}

/// What has to be true of an answer.
enum Expectation: Sendable {
    /// The origin was not asked.
    case cached
    /// The origin was asked.
    case asked
    /// The origin was asked, and the request had a field with this value.
    case askedWith(String, String)
    /// The origin was asked, and the request did not have a field.
    case askedWithout(String)
    /// The status of the answer; without this it is expected to be 200, or 304 and 206 where the request makes them possible.
    case status(Int)
    /// The answer has a field with just this value (placeholders are replaced).
    case field(String, String)
    /// The answer has a field whose value contains this.
    case fieldContains(String, String)
    /// The answer has a field whose value is a number in this range.
    case number(String, ClosedRange<Int>)
    /// The answer does not have a field.
    case noField(String)
    /// The body of the answer. `body N` is what the origin answered to the Nth request of the case (every step counts one, asked or not).
    case body(String)
    /// The body is cut off before its end, or the answer is missing.
    case broken
}
