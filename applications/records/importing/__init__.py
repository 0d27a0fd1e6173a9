"""Reading a record file: bytes → rows of text (reading) → checked rows (checking) → what the import would do
(planning) → the workbook of rejected rows (workbook). Nothing here writes to the database."""
