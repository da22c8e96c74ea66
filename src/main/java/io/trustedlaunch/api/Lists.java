package io.trustedlaunch.api;

import java.util.List;

/** Lists of the API's records are empty where JSON has none, and absent from JSON where they are empty. */
public final class Lists {
    private Lists() {}

    public static <T> List<T> orEmpty(List<T> list) {
        return list == null ? List.of() : List.copyOf(list);
    }

    /** The first elements, if the list has more than that. */
    public static <T> List<T> first(int max, List<T> list) {
        return list == null ? List.of() : List.copyOf(list.subList(0, Math.min(max, list.size())));
    }
}
