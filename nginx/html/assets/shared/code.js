// Codes and keys as people type them.

/** As they are compared: letters that do not occur are those that they look like; hyphens and spaces say nothing. */
export const plainCode = (typed) => typed.toUpperCase().replace(/[IL]/g, '1').replace(/O/g, '0').replace(/[^0-9A-Z]/g, '');
