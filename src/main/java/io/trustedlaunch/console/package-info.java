/**
 * The protocol between {@code kubectl tlvm console} and a node's agent, over mutual TLS: the client sends typed bytes,
 * the agent sends {@linkplain io.trustedlaunch.console.Frame frames}. Pure.
 */
package io.trustedlaunch.console;
