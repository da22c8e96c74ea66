package io.trustedlaunch.custody;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The confidential data that a node needs to run a VM.
 *
 * @param files the guest's configuration by file name: {@code user-data} and its like, or {@code unattend.xml}
 */
public record EnvelopeContent(EnvelopeAddress address, ProtectionKey protectionKey, Map<String, byte[]> files) {
    /** Leaves an incarnation far below the API server's limit of 1.5 MB for an object. */
    public static final int MAX_FILE_BYTES = 256 * 1024;

    public static final int MAX_FILES = 8;

    /** No separator and no leading dot: a node makes files of these names. */
    private static final Pattern FILE_NAME = Pattern.compile("[a-z0-9][a-z0-9.-]{0,63}");

    public EnvelopeContent {
        files = checkedCopy(files);
    }

    /** Whether the files are within the limits, which count them together. */
    public static boolean fits(Map<String, byte[]> files) {
        return files.size() <= MAX_FILES
                && files.values().stream().mapToLong(file -> file.length).sum() <= MAX_FILE_BYTES;
    }

    private static SortedMap<String, byte[]> checkedCopy(Map<String, byte[]> files) {
        if (!fits(files)) {
            throw new IllegalArgumentException("guest configuration is limited to " + MAX_FILES + " files with "
                    + MAX_FILE_BYTES + " bytes in total");
        }
        SortedMap<String, byte[]> copy = new TreeMap<>();
        files.forEach((name, file) -> {
            if (!FILE_NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("not a name for a guest configuration file: " + name);
            }
            copy.put(name, file.clone());
        });
        return Collections.unmodifiableSortedMap(copy);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EnvelopeContent that
                && address.equals(that.address)
                && protectionKey.equals(that.protectionKey)
                && files.keySet().equals(that.files.keySet())
                && files.entrySet().stream()
                        .allMatch(file -> Arrays.equals(file.getValue(), that.files.get(file.getKey())));
    }

    @Override
    public int hashCode() {
        return address.hashCode();
    }

    /** Omits the files' content, which may hold passwords. */
    @Override
    public String toString() {
        return "EnvelopeContent[" + address + ", " + protectionKey + ", files " + files.keySet() + "]";
    }
}
