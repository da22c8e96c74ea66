/**
 * One life of one VM on this host, from its disks to its end. A pass reads: gather → plan → carry out → tell.
 *
 * <pre>
 *                     RecordEpoch
 *                           │
 *                   SealLastState ► EraseWorkingCopy (what an earlier guest left here)
 *                           │
 *   Refuse ◄── Prepare (disks, working copy from home, domain paused) ──► Resume (EK, claim, ownership, resume) ──► Watch
 *     │                     ▲                                                                              guest ends │
 *     └──── later ──────────┘                          PressPowerButton ──► CutPower ──► RecordEnd ◄────────────────┘
 *                                                                                            │
 *                                                      ReportEnded ◄── EraseWorkingCopy ◄── SealLastState ◄┤
 *                                                                                   Erase ◄──┘
 * </pre>
 *
 * <p>A guest that moves, at the host that it leaves, and at the one that it comes to:
 *
 * <pre>
 *   Watch ──► StartMigration ──► ReportUnderway ──► RecordLeft ──► ReportLeft ──► (no longer wanted) ──► EraseWorkingCopy ──► ReportEnded
 *                            │  ▲
 *                       AbortMigration ──► ResumeAfterMigration ──► RecordStayed ──► ReportStayed ──► Watch
 *
 *   RecordEpoch ──► PrepareArrival ──► AwaitArrival ──► (the word that it has left) ──► ResumeArrived ──► Watch
 *                                     └────────► (it stays) ──► CutPower ──► EraseWorkingCopy ──► ReportEnded
 * </pre>
 *
 * <p>Where a life stands is found anew in every pass, from the domain, the working copy and the agent's memory, so that
 * the agent may die between any two steps. What cannot be observed later, that a guest was let run and how it ended, is
 * in {@link io.trustedlaunch.agent.incarnation.record.VmRecordStore} before it happens.
 */
package io.trustedlaunch.agent.incarnation;
