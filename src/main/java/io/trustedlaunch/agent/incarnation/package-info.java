/**
 * One life of one VM on this host, from its disks to its end. A pass reads: gather → plan → carry out → tell.
 *
 * <pre>
 *                     RememberEpoch
 *                           │
 *        ┌── Refuse ◄── Prepare (disks, TPM, domain paused) ──► LetRun (EK, report, ownership, resume) ──► Watch
 *        │                  ▲                                                                            │
 *        └── later ─────────┘                       PressPowerButton ──► CutPower ──┐                    │ guest ends
 *                                                                                   ▼                    ▼
 *                                                            Erase ◄── TellEnded ◄─────────────── RememberEnd
 * </pre>
 *
 * <p>Where a life stands is found anew in every pass, from the domain, the working copy and the agent's memory, so that
 * the agent may die between any two steps. What cannot be observed later, that a guest was let run and how it ended, is
 * in {@link io.trustedlaunch.agent.incarnation.VmMemory} before it happens.
 */
package io.trustedlaunch.agent.incarnation;
