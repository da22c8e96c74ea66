/**
 * The node's own keys and certificates. The keys are made here and never leave; the certificates come
 * through the API server, from the operator.
 *
 * <pre>
 *            no key            no certificate, or two thirds of its life are over
 *   MakeKey ◄────── (files) ──────────────────────────────────────────────► Request
 *                      │                                                       │
 *   Settled ◄──────────┘ good certificate          certificate is there        ▼
 *                                    Store ◄──────────────────────────────── Wait ──► Request, if refused a while ago
 *
 *   Blocked: the key's file is not fit for use; only an administrator knows why
 * </pre>
 *
 * <p>Both pairs stay across renewals. The sealing pair must: envelopes were sealed to it. To replace a
 * pair, remove its file and restart the agent.
 */
package io.trustedlaunch.agent.identity;
