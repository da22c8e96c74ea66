/** The VM as its user describes it and as it is on record, its console, and the Secret that holds its key. */
package io.trustedlaunch.api.vm;
