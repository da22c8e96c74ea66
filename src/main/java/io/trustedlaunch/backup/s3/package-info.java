/**
 * Backups in a bucket of an S3 server, reached by signed URLs.
 *
 * <pre>
 *   S3Store ── S3Request ──► S3Access ── signs it with the account's key (operator)
 *      │                               └ looks up what was signed for this run (agent)
 *      └── S3Http ── the signed URL ──► server
 * </pre>
 *
 * <p>Signed URLs are secrets: they are in no message and no log. Whatever a server answers is hostile input: it is limited in
 * size, redirects are not followed, and of its texts only codes are repeated.
 */
package io.trustedlaunch.backup.s3;
