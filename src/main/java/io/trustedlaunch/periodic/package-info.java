/** What is done again and again, for as long as a process lives. */
package io.trustedlaunch.periodic;
