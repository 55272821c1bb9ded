// Modes that are linked in a window of the provider: the person signs in there, and the form waits.

export default { window: true };
