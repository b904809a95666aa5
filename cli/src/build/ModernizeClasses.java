import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassHierarchyResolver.ClassHierarchyInfo;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.constant.ClassDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;

/**
 * Rewrites the classes of a jar to a class file version that a start-up cache can hold. The cache leaves out classes from
 * before Java 6, and picocli's, compiled for Java 5, are a third of what Vignette loads. Nothing but the version changes;
 * the stack maps that newer versions ask for are computed.
 *
 * <p>Run by assemble.sh: java ModernizeClasses.java FROM.jar TO.jar
 */
final class ModernizeClasses {

  private static final int JAVA_8 = 52;

  /** The code is rebuilt, instruction by instruction the same, because only built code gets stack maps. */
  private static final ClassTransform TO_JAVA_8 =
      ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL)
          .andThen(
              ClassTransform.dropping(ClassFileVersion.class::isInstance)
                  .andThen(
                      ClassTransform.endHandler(
                          builder -> builder.with(ClassFileVersion.of(JAVA_8, 0)))));

  private final JarFile from;
  private final ClassFile classFile;

  private ModernizeClasses(JarFile from) {
    this.from = from;
    this.classFile =
        ClassFile.of(
            StackMapsOption.GENERATE_STACK_MAPS,
            ClassFile.ClassHierarchyResolverOption.of(this::hierarchy));
  }

  public static void main(String[] arguments) throws IOException {
    try (JarFile from = new JarFile(arguments[0]);
        OutputStream file = Files.newOutputStream(Path.of(arguments[1]));
        JarOutputStream to = new JarOutputStream(file)) {
      new ModernizeClasses(from).copy(to);
    }
  }

  private void copy(JarOutputStream to) throws IOException {
    for (Enumeration<JarEntry> entries = from.entries(); entries.hasMoreElements(); ) {
      JarEntry entry = entries.nextElement();
      JarEntry copy = new JarEntry(entry.getName());
      copy.setTime(entry.getTime());
      to.putNextEntry(copy);
      to.write(entry.getName().endsWith(".class") ? modern(bytes(entry)) : bytes(entry));
      to.closeEntry();
    }
  }

  private byte[] bytes(JarEntry entry) throws IOException {
    try (InputStream in = from.getInputStream(entry)) {
      return in.readAllBytes();
    }
  }

  private byte[] modern(byte[] bytes) {
    ClassModel model = classFile.parse(bytes);
    return model.majorVersion() >= JAVA_8 ? bytes : classFile.transformClass(model, TO_JAVA_8);
  }

  /** To merge two types at a branch one must know their superclasses: the jar's own, else Java's. */
  private ClassHierarchyInfo hierarchy(ClassDesc type) {
    String descriptor = type.descriptorString();
    JarEntry entry =
        from.getJarEntry(descriptor.substring(1, descriptor.length() - 1) + ".class");
    if (entry == null) {
      return ClassHierarchyResolver.defaultResolver().getClassInfo(type);
    }
    try (InputStream in = from.getInputStream(entry)) {
      return ClassHierarchyResolver.ofResourceParsing(_ -> in).getClassInfo(type);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
