package io.trustedlaunch.cli.plugin.screen;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Keys that are pressed together, such as {@code ctrl-alt-del}.
 *
 * @param keysyms their numbers in the protocol, which are those of the X Window System
 */
public record KeyCombination(List<Integer> keysyms) {
    private static final int F1 = 0xffbe;
    private static final int FUNCTION_KEYS = 12;
    private static final Map<String, Integer> NAMED = named();

    public KeyCombination {
        keysyms = List.copyOf(keysyms);
    }

    private static Map<String, Integer> named() {
        Map<String, Integer> names = new TreeMap<>(Map.ofEntries(
                Map.entry("ctrl", 0xffe3),
                Map.entry("alt", 0xffe9),
                Map.entry("shift", 0xffe1),
                Map.entry("win", 0xffeb),
                Map.entry("del", 0xffff),
                Map.entry("delete", 0xffff),
                Map.entry("insert", 0xff63),
                Map.entry("enter", 0xff0d),
                Map.entry("esc", 0xff1b),
                Map.entry("tab", 0xff09),
                Map.entry("space", 0x20),
                Map.entry("backspace", 0xff08),
                Map.entry("home", 0xff50),
                Map.entry("left", 0xff51),
                Map.entry("up", 0xff52),
                Map.entry("right", 0xff53),
                Map.entry("down", 0xff54),
                Map.entry("pageup", 0xff55),
                Map.entry("pagedown", 0xff56),
                Map.entry("end", 0xff57)));
        IntStream.range(0, FUNCTION_KEYS).forEach(i -> names.put("f" + (i + 1), F1 + i));
        return names;
    }

    /** @throws IllegalArgumentException if it names a key that is not known */
    public static KeyCombination parse(String text) {
        List<Integer> keysyms = new ArrayList<>();
        for (String name : text.toLowerCase(Locale.ROOT).split("-", -1)) {
            keysyms.add(keysym(name));
        }
        return new KeyCombination(keysyms);
    }

    private static int keysym(String name) {
        if (name.matches("[a-z0-9]")) {
            return name.charAt(0);
        }
        Integer keysym = NAMED.get(name);
        if (keysym == null) {
            throw new IllegalArgumentException("there is no key \"" + name + "\"; keys are a to z, 0 to 9, "
                    + String.join(", ", NAMED.keySet()) + ", joined by -, such as ctrl-alt-del");
        }
        return keysym;
    }
}
