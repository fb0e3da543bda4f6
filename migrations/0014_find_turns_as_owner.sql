-- Whoever may queue a task needs no right of their own for the function that finds its turn: it is called by a trigger,
-- as all others that look at tasks of everybody.
ALTER FUNCTION take_turn() SECURITY DEFINER;
