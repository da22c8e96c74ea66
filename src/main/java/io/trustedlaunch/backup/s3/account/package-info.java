/** Requests to a bucket, signed with its account's key. The operator and a user of the plugin may have that key, and no node. */
package io.trustedlaunch.backup.s3.account;
