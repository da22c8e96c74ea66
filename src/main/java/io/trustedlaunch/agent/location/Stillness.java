package io.trustedlaunch.agent.location;

import java.time.Duration;

/** Whether a node's agent writes nothing into a storage location, by its beacon there, as read now. */
public sealed interface Stillness {
    /** Nothing must have been written for so long: agents write every half minute, and three of four writes may be missed. */
    Duration BELIEVED = Duration.ofMinutes(2);

    /** An agent that runs, and misses no write, writes within that: half a minute, and half of that for a slow file server. */
    Duration ONE_BEAT = Duration.ofSeconds(45);

    /**
     * Its beacon has not moved for two minutes.
     *
     * @param hasMoved this agent has seen it move before, in the same folder; otherwise the folder may be a copy of that node's
     */
    record Still(boolean hasMoved) implements Stillness {}

    /** @param ago when its beacon was first seen with the present content, or was removed */
    record Moving(Duration ago) implements Stillness {}

    /** @param watched for how long this agent has watched the folder or the beacon, which is too short */
    record NotWatched(Duration watched) implements Stillness {}

    /** It has no beacon in the folder, and has had none since this agent watches it. */
    record NotShared() implements Stillness {}

    /** @param message what could not be read, and what to do */
    record Unreadable(String message) implements Stillness {}
}
