/**
 * The node's keys and certificates. The keys are made here and never leave the host; the operator issues the certificates
 * through the API server.
 *
 * <pre>
 *            no key            no certificate, or two thirds of its validity are over
 *   MakeKey ◄────── (files) ──────────────────────────────────────────────► Request
 *                      │                                                       │
 *   Settled ◄──────────┘ valid certificate         certificate is issued       ▼
 *                                    Store ◄──────────────────────────────── Wait ──► Request, if refused a while ago
 *
 *   Blocked: the key file cannot be used; an administrator must remove it
 * </pre>
 *
 * <p>Renewals keep the key pairs, since envelopes are sealed to the sealing pair. To replace a pair, remove its file and
 * restart the agent.
 */
package io.trustedlaunch.agent.identity;
