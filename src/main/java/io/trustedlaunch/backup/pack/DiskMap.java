package io.trustedlaunch.backup.pack;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.trustedlaunch.backup.SegmentRef;
import java.util.List;

/**
 * Where the pages of a disk are: the top of its tree.
 *
 * @param pages those that have a block, in order
 */
@JsonPropertyOrder({"format", "pages"})
@JsonIgnoreProperties(value = "format", allowGetters = true)
public record DiskMap(List<PageRef> pages) {
    static final int FORMAT = 1;
    static final DiskMap EMPTY = new DiskMap(List.of());

    /** @param number of the page in the disk */
    @JsonPropertyOrder({"number", "at"})
    public record PageRef(int number, SegmentRef at) {}

    /** @throws IllegalArgumentException if the pages are not in order */
    public DiskMap {
        pages = List.copyOf(pages);
        int last = -1;
        for (PageRef page : pages) {
            if (page.number() <= last || page.at() == null) {
                throw new IllegalArgumentException("the pages of a disk are not in order");
            }
            last = page.number();
        }
    }

    /** Written, and ignored when read: the bytes are compared. */
    @JsonProperty
    int format() {
        return FORMAT;
    }
}
