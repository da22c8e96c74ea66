/** Periodic tasks of a process. */
package io.trustedlaunch.periodic;
