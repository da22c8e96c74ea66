/**
 * The RPC of libvirt, as far as the libvirt of a guest's source needs it for a migration: procedures, flags, parameters.
 * Everything is on an allow-list; what is not ends the connection. Numbers and forms are those of libvirt's
 * {@code virnetprotocol.x}, {@code virkeepaliveprotocol.x} and {@code remote_protocol.x}, which never change them.
 */
package io.trustedlaunch.agent.migration.rpc;
