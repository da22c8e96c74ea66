/**
 * Imports images into this host's storage locations: each is fetched and verified once, and OS disks are made from it.
 *
 * <pre>
 *   import ──► report Ready            (the file is checked now and then; if it is gone, it is imported again)
 *     │  ▲
 *     └──┘ after a delay, if it failed
 *
 *   remove ──► report removed          (the ImageCopy is being deleted; the operator then removes its finalizer)
 * </pre>
 *
 * <p>An import: fetch into a private folder while hashing → check the digest → inspect the format → rename. In a location's
 * folder {@code .images}, every file under a final name is complete and verified.
 */
package io.trustedlaunch.agent.imagecopy;
