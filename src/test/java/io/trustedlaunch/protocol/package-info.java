/**
 * The protocol between operator and agents as a whole: real planners and executors on both sides, over one fake API server,
 * fake hypervisors and folders, under schedules of events and faults.
 */
package io.trustedlaunch.protocol;
