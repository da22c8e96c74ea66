package io.trustedlaunch.backup.pack;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;

/**
 * Where the blocks of one part of a disk are. A block in no segment is zero.
 *
 * @param slots those that have a block, in order
 */
@JsonPropertyOrder({"format", "slots"})
@JsonIgnoreProperties(value = "format", allowGetters = true)
public record Page(List<Slot> slots) {
    static final int FORMAT = 1;
    static final Page EMPTY = new Page(List.of());

    /**
     * The blocks of one slot.
     *
     * @param number in the page
     * @param segments no block is live in two of them
     */
    @JsonPropertyOrder({"number", "segments"})
    public record Slot(int number, List<Segment> segments) {
        /** @throws IllegalArgumentException if two segments have the same block */
        public Slot {
            segments = List.copyOf(segments);
            long seen = 0;
            for (Segment segment : segments) {
                if ((seen & segment.liveBlocks()) != 0) {
                    throw new IllegalArgumentException("two segments have the same block");
                }
                seen |= segment.liveBlocks();
            }
            if (number < 0 || seen == 0) {
                throw new IllegalArgumentException("a slot without a block");
            }
        }

        long liveBlocks() {
            return segments.stream().mapToLong(Segment::liveBlocks).reduce(0, (one, other) -> one | other);
        }
    }

    /** @throws IllegalArgumentException if the slots are not in order */
    public Page {
        slots = List.copyOf(slots);
        for (int i = 1; i < slots.size(); i++) {
            if (slots.get(i).number() <= slots.get(i - 1).number()) {
                throw new IllegalArgumentException("the slots of a page are not in order");
            }
        }
    }

    /** Written, and ignored when read: the bytes are compared. */
    @JsonProperty
    int format() {
        return FORMAT;
    }

    List<Segment> segments(int slot) {
        return slots.stream()
                .filter(one -> one.number() == slot)
                .findFirst()
                .map(Slot::segments)
                .orElse(List.of());
    }
}
