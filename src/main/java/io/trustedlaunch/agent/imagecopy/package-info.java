/**
 * Copies of images in this host's storage locations: brought and verified once, then what first starts make disks from.
 *
 * <pre>
 *   Import ──► TellReady ──► Rest      (the file is looked for again; where it is gone, it is imported again)
 *     │  ▲
 *     └──┘ later, after what was refused
 *
 *   Remove ──► TellRemoved ──► Rest    (the ImageCopy is being deleted; the operator lets it go then)
 * </pre>
 *
 * <p>An import: fetch into a private folder while hashing → the digest is right → the form is accepted → convert, if it
 * is VHD or VHDX → give it its name. In a location's folder {@code .images}, what has its name is whole and verified.
 */
package io.trustedlaunch.agent.imagecopy;
