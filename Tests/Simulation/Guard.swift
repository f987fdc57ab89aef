// SPDX-License-Identifier: Apache-2.0

/// Something that keeps the protocols right, and that a simulation can take out: it then has to find the harm.
public enum Guard: String, CaseIterable, Sendable {
    /// A fill is checked against the lease.
    case fillNeedsLease
    /// An invalidation ends the lease too, not the value only.
    case invalidationEndsLease
    /// Every acquire has a token of its own.
    case tokenPerAcquire
    /// An acquire is never sent twice.
    case acquireSentOnce
    /// What the reader saw is compared before a lease is granted.
    case acquireNeedsImage
    /// The stamp is taken before the load.
    case stampBeforeLoad
    /// Who shares a load takes its value only if that was stored.
    case joinersNeedStoredFill
    /// Who shares a load takes its value only if the log, asked with the fill, agrees.
    case joinersNeedLog
    /// A read asks the log too.
    case readsAskLog
    /// A log that is made anew has another epoch and a floor above all.
    case newLogEndsEverything
    /// A log that forgets tags raises its floor to them.
    case forgettingRaisesFloor
    /// A log that another run of the server made is not trusted.
    case logOfRunOnly
    /// An answer is trusted if its connection was when the question was sent.
    case trustBeforeAsking
    /// Clearing raises the floor.
    case clearingRaisesFloor
    /// An invalidation that was not answered counts as not done.
    case unansweredIsQueued
    /// An entry that was expired is not fresh.
    case expiryEndsFreshness
    /// A write through replaces lower versions only.
    case writeNeedsLowerVersion
    /// The mark of a hold-off keeps fills away.
    case holdOffKeepsFillsAway
}
