/**
 * What passes between {@code kubectl tlvm console} and a node's agent, over mutual TLS: from the client bytes for the
 * guest, as they are typed; from the agent {@linkplain io.trustedlaunch.console.Frame frames}. Pure.
 */
package io.trustedlaunch.console;
