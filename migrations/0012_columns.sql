-- Which columns of tables (CSV, TSV, xlsx) are what, where their names do not say it: the worker reads it, and is the one
-- place that says what is wrong with it (E_COLUMNS).

ALTER TABLE tasks ADD COLUMN columns text;
ALTER TABLE tasks ADD CONSTRAINT columns_have_at_most_1000_characters CHECK (length(columns) <= 1000);
COMMENT ON COLUMN tasks.columns IS 'Columns of tables, such as file=A,begin=Start,end=Stop,text=Trans; empty: they are found by their names.';
