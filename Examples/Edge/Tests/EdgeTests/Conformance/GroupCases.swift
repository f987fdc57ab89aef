// SPDX-License-Identifier: Apache-2.0

private let longName = String(repeating: "long", count: 150)
private let groupNames: [String] = (1...32).map { "\"g\($0) {id}\"" }
private let manyGroups: [Field] = [
    (name: "Cache-Control", value: "max-age=100"),
    (name: "Cache-Groups", value: groupNames.joined(separator: ", ")),
]

extension ConformanceCase {
    /// Responses that are ended together.
    static let groups: [ConformanceCase] = [
        // What ends.
        ConformanceCase(
            "RFC 9875 §3", "a group that an answer names ends",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\""))),
            Step(.send("POST", "/c"), .ok(("Cache-Group-Invalidation", "\"g{id}\"")), .asked),
            Step(.get("/a"), .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9875 §3", "all members of a group end",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\""))),
            Step(.get("/b"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\""))),
            Step(.send("POST", "/c"), .ok(("Cache-Group-Invalidation", "\"g{id}\"")), .asked),
            Step(.get("/b"), .ok(), .asked, .body("body 4")),
            Step(.get("/a"), .ok(), .asked, .body("body 5"))),
        ConformanceCase(
            "RFC 9875 §2.1", "all variants of a member end",
            Step(
                .get("/a", ("Accept-Language", "de")),
                .ok(("Cache-Control", "max-age=100"), ("Vary", "Accept-Language"), ("Cache-Groups", "\"g{id}\""))),
            Step(
                .get("/a", ("Accept-Language", "en")),
                .ok(("Cache-Control", "max-age=100"), ("Vary", "Accept-Language"), ("Cache-Groups", "\"g{id}\""))),
            Step(.send("POST", "/c"), .ok(("Cache-Group-Invalidation", "\"g{id}\"")), .asked),
            Step(.get("/a", ("Accept-Language", "de")), .ok(), .asked, .body("body 4")),
            Step(.get("/a", ("Accept-Language", "en")), .ok(), .asked, .body("body 5"))),
        ConformanceCase(
            "RFC 9875 §3", "a PUT can end a group",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\""))),
            Step(.send("PUT", "/c", body: "x"), .ok(("Cache-Group-Invalidation", "\"g{id}\"")), .asked),
            Step(.get("/a"), .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9875 §3", "a DELETE can end a group",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\""))),
            Step(
                .send("DELETE", "/c"), .status(204, ("Cache-Group-Invalidation", "\"g{id}\""), body: ""), .asked,
                .status(204)),
            Step(.get("/a"), .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9875 §3", "a PATCH can end a group",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\""))),
            Step(.send("PATCH", "/c", body: "x"), .ok(("Cache-Group-Invalidation", "\"g{id}\"")), .asked),
            Step(.get("/a"), .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9875 §3", "a redirect after a POST can end a group",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\""))),
            Step(
                .send("POST", "/c"),
                .status(303, ("Cache-Group-Invalidation", "\"g{id}\""), ("Location", "/elsewhere")), .asked,
                .status(303)),
            Step(.get("/a"), .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9875 §3", "an answer may end several groups",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\""))),
            Step(.get("/b"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"h{id}\""))),
            Step(.send("POST", "/c"), .ok(("Cache-Group-Invalidation", "\"g{id}\", \"h{id}\"")), .asked),
            Step(.get("/a"), .ok(), .asked, .body("body 4")),
            Step(.get("/b"), .ok(), .asked, .body("body 5"))),
        ConformanceCase(
            "RFC 9875 §3", "the groups that an answer ends may stand on several lines",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\""))),
            Step(.get("/b"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"h{id}\""))),
            Step(
                .send("POST", "/c"),
                .ok(("Cache-Group-Invalidation", "\"g{id}\""), ("Cache-Group-Invalidation", "\"h{id}\"")), .asked),
            Step(.get("/a"), .ok(), .asked, .body("body 4")),
            Step(.get("/b"), .ok(), .asked, .body("body 5"))),
        ConformanceCase(
            "RFC 9875 §2.1", "a response in two groups ends with the first",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\", \"h{id}\""))),
            Step(.send("POST", "/c"), .ok(("Cache-Group-Invalidation", "\"g{id}\"")), .asked),
            Step(.get("/a"), .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9875 §2.1", "a response in two groups ends with the second",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\", \"h{id}\""))),
            Step(.send("POST", "/c"), .ok(("Cache-Group-Invalidation", "\"h{id}\"")), .asked),
            Step(.get("/a"), .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9875 §2.1", "the groups of a response may stand on several lines",
            Step(
                .get("/a"),
                .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\""), ("Cache-Groups", "\"h{id}\""))),
            Step(.send("POST", "/c"), .ok(("Cache-Group-Invalidation", "\"h{id}\"")), .asked),
            Step(.get("/a"), .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9875 §2", "the last of 32 groups counts",
            Step(.get("/a"), Origin(fields: manyGroups)),
            Step(.send("POST", "/c"), .ok(("Cache-Group-Invalidation", "\"g32 {id}\"")), .asked),
            Step(.get("/a"), .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9875 §2", "a group may have a long name",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"\(longName){id}\""))),
            Step(.send("POST", "/c"), .ok(("Cache-Group-Invalidation", "\"\(longName){id}\"")), .asked),
            Step(.get("/a"), .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9875 §2", "a group may have commas and spaces in its name",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"one, two {id}\""))),
            Step(.send("POST", "/c"), .ok(("Cache-Group-Invalidation", "\"one, two {id}\"")), .asked),
            Step(.get("/a"), .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9875 §2", "a group may have quotes in its name",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"a \\\"b\\\" {id}\""))),
            Step(.send("POST", "/c"), .ok(("Cache-Group-Invalidation", "\"a \\\"b\\\" {id}\"")), .asked),
            Step(.get("/a"), .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9875 §3", "what is stored after a group has ended stays",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\""))),
            Step(.send("POST", "/c"), .ok(("Cache-Group-Invalidation", "\"g{id}\"")), .asked),
            Step(
                .get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\"")), .asked,
                .body("body 3")),
            Step(.get("/a"), .ok(), .cached, .body("body 3"))),

        // What does not.
        ConformanceCase(
            "RFC 9875 §3", "members of other groups stay",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"h{id}\""))),
            Step(.send("POST", "/c"), .ok(("Cache-Group-Invalidation", "\"g{id}\"")), .asked),
            Step(.get("/a"), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9875 §3", "responses in no group stay",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"))),
            Step(.send("POST", "/c"), .ok(("Cache-Group-Invalidation", "\"g{id}\"")), .asked),
            Step(.get("/a"), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9875 §2.2.1", "the other groups of what ends do not end with it",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\", \"h{id}\""))),
            Step(.get("/b"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"h{id}\""))),
            Step(.send("POST", "/c"), .ok(("Cache-Group-Invalidation", "\"g{id}\"")), .asked),
            Step(.get("/b"), .ok(), .cached, .body("body 2"))),
        ConformanceCase(
            "RFC 9875 §2.1", "groups are told apart by their case",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"G{id}\""))),
            Step(.send("POST", "/c"), .ok(("Cache-Group-Invalidation", "\"g{id}\"")), .asked),
            Step(.get("/a"), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9875 §2.1", "a group is not found by the beginning of its name",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}-more\""))),
            Step(.send("POST", "/c"), .ok(("Cache-Group-Invalidation", "\"g{id}\"")), .asked),
            Step(.get("/a"), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9875 §3", "the answer to a GET ends no group",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\""))),
            Step(.get("/c"), .ok(("Cache-Group-Invalidation", "\"g{id}\"")), .asked),
            Step(.get("/a"), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9875 §3", "the answer to a HEAD ends no group",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\""))),
            Step(.head("/c"), .ok(("Cache-Group-Invalidation", "\"g{id}\"")), .asked),
            Step(.get("/a"), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9875 §3", "the answer to an OPTIONS ends no group",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\""))),
            Step(.send("OPTIONS", "/c"), .ok(("Cache-Group-Invalidation", "\"g{id}\"")), .asked),
            Step(.get("/a"), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.4", "a POST that the origin refuses ends no group",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\""))),
            Step(.send("POST", "/c"), .status(403, ("Cache-Group-Invalidation", "\"g{id}\"")), .asked, .status(403)),
            Step(.get("/a"), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.4", "a POST that fails in the origin ends no group",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\""))),
            Step(.send("POST", "/c"), .status(500, ("Cache-Group-Invalidation", "\"g{id}\"")), .asked, .status(500)),
            Step(.get("/a"), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9875 §2", "to answer a POST from a group does not end it",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\""))),
            Step(.send("POST", "/c"), .ok(("Cache-Groups", "\"g{id}\"")), .asked),
            Step(.get("/a"), .ok(), .cached, .body("body 1"))),

        // How they are read.
        ConformanceCase(
            "RFC 9875 §2", "parameters of a response's groups mean nothing",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\";x=1"))),
            Step(.send("POST", "/c"), .ok(("Cache-Group-Invalidation", "\"g{id}\"")), .asked),
            Step(.get("/a"), .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9875 §3", "parameters of the groups that end mean nothing",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\""))),
            Step(.send("POST", "/c"), .ok(("Cache-Group-Invalidation", "\"g{id}\";x=1")), .asked),
            Step(.get("/a"), .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9875 §2", "a response's groups are ignored where they are tokens",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "g{id}"))),
            Step(.send("POST", "/c"), .ok(("Cache-Group-Invalidation", "\"g{id}\"")), .asked),
            Step(.get("/a"), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9875 §3", "groups that end are ignored where they are tokens",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\""))),
            Step(.send("POST", "/c"), .ok(("Cache-Group-Invalidation", "g{id}")), .asked),
            Step(.get("/a"), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9875 §3", "groups that end are ignored where one is no string",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\""))),
            Step(.send("POST", "/c"), .ok(("Cache-Group-Invalidation", "\"g{id}\", 1")), .asked),
            Step(.get("/a"), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9875 §3", "groups that end are ignored where the list is malformed",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\""))),
            Step(.send("POST", "/c"), .ok(("Cache-Group-Invalidation", "\"g{id}\", \"h")), .asked),
            Step(.get("/a"), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9875 §2", "the groups of a response are passed on",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"), ("Cache-Groups", "\"g{id}\""))),
            Step(.get("/a"), .ok(), .cached, .field("Cache-Groups", "\"g{id}\""))),
        ConformanceCase(
            "RFC 9875 §3", "the groups that end are passed on",
            Step(
                .send("POST", "/c"), .ok(("Cache-Group-Invalidation", "\"g{id}\"")), .asked,
                .field("Cache-Group-Invalidation", "\"g{id}\""))),
    ]
}
