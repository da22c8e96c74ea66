/**
 * The protocol between {@code kubectl tlvm backup download} and a node's agent, over mutual TLS. The client sends one {@linkplain
 * io.trustedlaunch.download.DownloadRequest line}. The agent sends a line <code>{"bytes":n}</code> with the size of the disk, and then
 * {@linkplain io.trustedlaunch.download.DownloadFrame frames}:
 *
 * <pre>
 * data   8 bytes: offset   4 bytes: length, at least 1   the bytes; what no frame has is zero
 * end    8 bytes: zero     4 bytes: zero                 SHA-256 of all that the agent sent before it, in hex
 * error  8 bytes: zero     4 bytes: -1                   4 bytes: length of the reason   the reason, UTF-8
 * </pre>
 *
 * <p>Data comes in any order, and no byte twice. Nothing follows an end or an error. Pure.
 */
package io.trustedlaunch.download;
