/**
 * One incarnation of one VM on this host, from its disks to its end. Each pass gathers facts, plans one step, carries it
 * out and reports.
 *
 * <pre>
 *   RecordEpoch
 *       │
 *   SealLastState ─► EraseWorkingCopy        (of an earlier guest on this host)
 *       │
 *   Prepare          (disks, working copy from home, paused domain)
 *       │     a start that fails is refused and retried
 *   Resume           (EK, claim, ownership; the VM's status names the EK; resume)
 *       │
 *   Watch ─► PressPowerButton ─► CutPower    (the VM is to stop)
 *       │                           │
 *       └──── RecordEnd ◄───────────┘        (the guest has ended)
 *                 │
 *                 ├─► SealLastState ─► EraseWorkingCopy ─► ReportEnded
 *                 └─► Erase ─► ReportErased  (the VM is deleted)
 * </pre>
 *
 * <p>A migration, on its source and on its target:
 *
 * <pre>
 *   Watch ─► StartMigration ─► ReportUnderway ─► RecordLeft ─► ReportLeft ─► EraseWorkingCopy ─► ReportEnded
 *                                    │
 *                  AbortMigration ─► ResumeAfterMigration ─► RecordStayed ─► ReportStayed ─► Watch
 *
 *   RecordEpoch ─► PrepareArrival ─► AwaitArrival ─► ResumeArrived ─► Watch        (the guest has left the source)
 *                                         ├─► ReportReceived ─┘                      (that is not known for long)
 *                                         └────────► CutPower ─► EraseWorkingCopy ─► ReportEnded   (it stays there)
 * </pre>
 *
 * <p>The state of an incarnation is derived in every pass from the domain, the working copy and the agent's record, so
 * that the agent may die between any two steps. What cannot be observed later (that a guest was resumed, and how it
 * ended) is in {@link io.trustedlaunch.agent.incarnation.record.VmRecordStore} before it happens.
 */
package io.trustedlaunch.agent.incarnation;
