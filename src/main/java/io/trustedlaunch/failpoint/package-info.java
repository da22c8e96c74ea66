/**
 * Points where a test can kill a process between two steps, to show that the next process continues from there. Not
 * active unless a folder is configured.
 */
package io.trustedlaunch.failpoint;
